"""The Lakeside Practice: its people, its papers and its clients' stories, told as import lines."""
