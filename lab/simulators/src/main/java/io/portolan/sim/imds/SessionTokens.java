package io.portolan.sim.imds;

import io.portolan.sim.ec2.model.ResourceId;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * IMDSv2 session tokens: each good for one instance and for as long as was asked for (EC2 user
 * guide, "Use the Instance Metadata Service"). Thread-safe.
 */
final class SessionTokens {
  static final Duration LONGEST = Duration.ofHours(6);

  /** An instance that asks for ever more tokens loses its oldest. */
  private static final int KEPT = 100_000;

  private record Session(ResourceId instance, Instant until) {}

  private final RandomGenerator random;
  private final Map<String, Session> sessions =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Session> eldest) {
          return size() > KEPT;
        }
      };

  SessionTokens(RandomGenerator random) {
    this.random = random;
  }

  synchronized String open(ResourceId instance, Instant now, Duration lifetime) {
    byte[] bytes = new byte[42];
    random.nextBytes(bytes);
    String token = Base64.getUrlEncoder().encodeToString(bytes);
    sessions.put(token, new Session(instance, now.plus(lifetime)));
    return token;
  }

  synchronized boolean isValid(@Nullable String token, ResourceId instance, Instant now) {
    Session session = token == null ? null : sessions.get(token);
    return session != null && session.instance.equals(instance) && now.isBefore(session.until);
  }
}
