"""Samples that lie in files, and how they are read, cached and checked."""
