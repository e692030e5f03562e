"""What a person does at the queue: tasks taken, answers sent, everything kept."""
