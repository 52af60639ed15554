"""What all learners share: flags, run directories, the training loop, evaluation."""
