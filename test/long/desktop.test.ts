import { describeOracle } from '../lib/oracle.ts';

describeOracle('desktop');
