"""The commands of `graphlab`, a file each. What is printed is printed here."""
