import { type Args, defineTool } from '@apt-ostree/cli';

const args = {
  name: {
    type: 'positional',
    valueHint: 'NAME',
    description: 'the stage that it wants to be: resolve, fetch, unpack, sandbox or commit',
  },
  command: {
    type: 'positional',
    valueHint: 'CMD',
    description: 'the program with its arguments, quoted as one word; the arguments of the stage are put behind them',
  },
} as const;

export type CheckStageArgs = Args<typeof args>;

export const checkStage = defineTool({
  name: 'check-stage',
  summary: 'check that a program can be a stage of a pipeline',
  description: `Runs CMD on the test vectors of the contract between stages: what it does with good input, with input that is empty, cut short, of another kind or of a newer version, with members that it does not know, and with options that it does not have. Prints a line for each vector. Nothing is downloaded.

A program that passes can stand in the place of a stage with --stage NAME=CMD, in AOT_EXEC_PATH, in the treefile's 'stages' or in the configuration file.`,
  args,
  examples: [
    {
      command: "apt-ostree ex check-stage fetch './my-fetch --fast'",
      text: 'Check a program that replaces aot-fetch.',
    },
  ],
  enter: async () => (await import('@apt-ostree/run/namespace')).enter(),
  work: async () => (await import('./check-stage.ts')).checkStage,
});
