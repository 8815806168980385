import { describeTools } from './suites/interop.js';

describeTools('5.3.3');
