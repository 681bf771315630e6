import type { ConnectionObserver, ObserverFactory } from '@parley/rudp/core';

/** One factory whose observers tell those of all factories, in their order; undefined when there is none. */
export function combinedObserver(factories: readonly ObserverFactory[]): ObserverFactory | undefined {
  if (factories.length <= 1) return factories[0];
  return (now, connection) => {
    const observers = factories.flatMap((observe) => observe(now, connection) ?? []);
    const tellAll = (tell: (observer: ConnectionObserver) => void) => {
      for (const observer of observers) tell(observer);
    };
    return {
      onPacketSent: (...news) => tellAll((observer) => observer.onPacketSent(...news)),
      onPacketReceived: (...news) => tellAll((observer) => observer.onPacketReceived(...news)),
      onPacketDropped: (...news) => tellAll((observer) => observer.onPacketDropped(...news)),
      onPacketLost: (...news) => tellAll((observer) => observer.onPacketLost(...news)),
      onMetricsUpdated: (...news) => tellAll((observer) => observer.onMetricsUpdated(...news)),
      onStateUpdated: (...news) => tellAll((observer) => observer.onStateUpdated(...news)),
      onParametersReceived: (...news) => tellAll((observer) => observer.onParametersReceived(...news)),
      onKeyUpdated: (...news) => tellAll((observer) => observer.onKeyUpdated(...news)),
      onEnded: (...news) => tellAll((observer) => observer.onEnded(...news)),
    };
  };
}
