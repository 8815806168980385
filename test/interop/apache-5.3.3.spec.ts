import { describeInterop } from './suites/interop.js';

describeInterop('5.3.3');
