import { describeRelease } from './suite.js';

describeRelease('4.9.7');
