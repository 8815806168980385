export * from './connection.js';
export * from './handler.js';
export * from './options.js';
export * from './remoting-client.js';
export * from './remoting-server.js';
