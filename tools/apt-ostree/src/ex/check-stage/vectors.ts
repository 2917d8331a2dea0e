import type { StageName } from '@apt-ostree/pipeline';
import { good } from './good-vectors.ts';
import { refusals } from './refusal-vectors.ts';
import type { Sample } from './sample.ts';
import type { Subject } from './subject.ts';

/** One rule of the contract between stages: undefined when the program keeps it, else what is wrong. */
export interface Vector {
  name: string;
  check(subject: Subject, sample: Sample): Promise<string | undefined>;
}

/** The vectors of a stage, those with good input first. */
export const vectorsOf = (stage: StageName): Vector[] => [...good(stage), ...refusals(stage)];
