import { describeOurServers } from './suites/interop.js';

describeOurServers('5.3.3');
