"""Fundus photographs: layouts of releases, and what is read from them."""
