import { describeStores } from './suites/interop.js';

describeStores('4.9.7');
