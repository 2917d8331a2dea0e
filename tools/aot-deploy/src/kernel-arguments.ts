export { checkArgument, type Edits, editArguments } from '@apt-ostree/host';
