"""What Galacite does for its users: one class a capability, called alike by the command line and the pages."""
