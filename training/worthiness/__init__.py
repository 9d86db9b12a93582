"""The model that says which sentences need a citation: its examples, training and measuring."""
