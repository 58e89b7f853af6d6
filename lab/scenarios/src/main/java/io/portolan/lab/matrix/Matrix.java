package io.portolan.lab.matrix;

import io.portolan.sim.policy.Connection;
import io.portolan.sim.policy.PolicyText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Expected against observed.
 *
 * @param probes how many questions were asked
 * @param allowed how many of them packets answered with a connection
 * @param mismatches those where packets and the API text differ, as sentences
 */
public record Matrix(int probes, int allowed, List<String> mismatches) {
  public Matrix {
    mismatches = List.copyOf(mismatches);
  }

  /** Compares packets with the API text. */
  public static Matrix compare(PolicyText text, Map<Probe, Answer> answers) {
    List<String> mismatches = new ArrayList<>();
    int allowed = 0;
    for (Map.Entry<Probe, Answer> entry : answers.entrySet()) {
      Probe probe = entry.getKey();
      boolean expected =
          text.allows(
              new Connection(probe.from().end(), probe.to().end(), Connection.TCP, probe.port()));
      switch (entry.getValue()) {
        case Answer.Connected connected -> {
          allowed++;
          if (!expected) {
            mismatches.add(probe + " connected, policy denies it");
          } else if (!connected.server().equals(probe.to().key())) {
            mismatches.add(probe + " was answered by " + connected.server());
          } else if (!probe.from().addresses().contains(connected.seenSource())) {
            mismatches.add(
                probe + " arrived from " + connected.seenSource() + ": translated on its way");
          }
        }
        case Answer.TimedOut() -> {
          if (expected) {
            mismatches.add(probe + " timed out, policy allows it");
          }
        }
        case Answer.Refused refused ->
            mismatches.add(
                probe
                    + " was refused ("
                    + refused.error()
                    + "); expected "
                    + (expected ? "a connection" : "silence"));
      }
    }
    return new Matrix(answers.size(), allowed, mismatches);
  }
}
