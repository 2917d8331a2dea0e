import { describeOracle } from '../lib/oracle.ts';

describeOracle('minimal');
describeOracle('server');
