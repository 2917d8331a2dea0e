export { type Choice, type Chosen, chooseStages } from './choose.ts';
export { CONFIGURATION, configuredStages } from './configuration.ts';
export { ownProgram } from './locate.ts';
export { type PipelineOptions, runPipeline } from './pipeline.ts';
export { isStageName, STAGES, type Stage, type StageName, WRITES } from './stage.ts';
export { type StageError, stageErrorOf } from './stage-error.ts';
export { Timings } from './timings.ts';
export { splitWords } from './words.ts';
