export * from './core.ts';
export * from './ml.ts';
export * from './ops.ts';
export * from './raw.ts';
