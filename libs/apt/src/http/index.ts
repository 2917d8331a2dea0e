export { type Answer, HttpClient, HttpError } from './client.ts';
