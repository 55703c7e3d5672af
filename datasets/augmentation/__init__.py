"""Random changes of images, and of their labels along with them.

What is drawn for a sample depends on the seed, the epoch and its index alone.
"""
