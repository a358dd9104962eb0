"""What the trainings of tagger and scene networks share: optimizer, checkpoint and resumable session."""
