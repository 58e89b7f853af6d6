package io.portolan.common.cloud;

import java.util.SortedMap;

/** A cloud's API as its rate limiter sees it. Pure data of the cloud module. */
public interface ApiCatalog {

  /** The operation that performs {@code action}. */
  ApiOperation operation(CloudAction action);

  /** The operations one observation needs, each with at least one request. */
  SortedMap<ApiOperation, Integer> observation(ObservationScope scope);

  /** The published bucket of each operation; one left out has {@link #defaultBucket()}. */
  SortedMap<ApiOperation, Bucket> buckets();

  /** For operations the provider lists no bucket for. */
  Bucket defaultBucket();

  /**
   * A token bucket.
   *
   * @param capacity requests that may be made at once after a pause
   * @param refillPerSecond requests per second it recovers
   */
  record Bucket(int capacity, double refillPerSecond) {
    public Bucket {
      if (capacity < 1 || !(refillPerSecond > 0)) {
        throw new IllegalArgumentException(
            "a bucket holds at least one request and refills by more than none per second");
      }
    }
  }
}
