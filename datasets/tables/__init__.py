"""Tables in text files: reading them, their columns as inputs and labels."""
