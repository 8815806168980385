import { describeOurServers } from './suites/interop.js';

describeOurServers('4.9.7');
