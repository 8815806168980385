import { describeRelease } from './suite.js';

describeRelease('5.3.3');
