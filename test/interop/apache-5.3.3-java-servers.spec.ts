import { describeJavaServers } from './suites/interop.js';

describeJavaServers('5.3.3');
