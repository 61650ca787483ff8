"""Other forms of the Book for other readers: pure functions that give text or bytes."""
