"""What `flask housekey doctor` looks at, one file a subject."""
