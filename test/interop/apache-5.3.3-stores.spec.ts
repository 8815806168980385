import { describeStores } from './suites/interop.js';

describeStores('5.3.3');
