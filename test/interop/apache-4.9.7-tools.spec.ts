import { describeTools } from './suites/interop.js';

describeTools('4.9.7');
