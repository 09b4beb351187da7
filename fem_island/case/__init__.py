"""What is asked: the records of a case, how files give them, and what is said of their keys."""
