"""What is reported of solutions, whichever solver made them."""
