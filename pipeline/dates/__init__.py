"""When something was published: one value for an instant or a day, and the readers that make it from text."""
