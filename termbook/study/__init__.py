"""Study: questions, quizzes, cards, decks and sheets, all made from the Book."""
