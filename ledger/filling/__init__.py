"""What need not be typed: fields that can be known from the case, and the desk's whole visits."""
