"""From what the files hold to the labels and weights of each task."""
