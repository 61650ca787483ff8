// What theme/assets/study uses of ts-fsrs: the model of memory, and the steps of learning.
export { BasicLearningStepsStrategy, FSRSAlgorithm } from "ts-fsrs";
