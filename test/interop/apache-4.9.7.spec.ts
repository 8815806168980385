import { describeInterop } from './suites/interop.js';

describeInterop('4.9.7');
