/** What somebody listens to or answers, until it ends. */
export interface Subscription {
  unsubscribe(): void;
}
