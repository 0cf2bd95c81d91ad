"""Studies: many trainings that differ in settings, seeds and data, measured alike and compared over seeds."""
