package io.portolan.lab.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.portolan.common.net.IpAddress;
import io.portolan.linux.packet.PacketProber;
import io.portolan.linux.packet.PacketProber.Attempt;
import io.portolan.policy.cases.AnswerWriter.Packets;
import io.portolan.policy.cases.CaseReader;
import io.portolan.policy.cases.MalformedInputException;
import io.portolan.policy.cases.Probe;
import io.portolan.policy.cases.ProbeAnswer;
import io.portolan.policy.cases.ProbeEnds;
import io.portolan.policy.cases.ProbedCluster;
import io.portolan.policy.nft.Flow;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * Tries the probes of cases with packets, and compares with what the compiled form says.
 *
 * <p>Not thread-safe.
 */
public final class PacketCases implements AutoCloseable {
  private final PolicyNetwork network = new PolicyNetwork();
  private final PacketProber prober = new PacketProber(network::forgetConnections);
  private final ProbeEnds ends = new ProbeEnds();
  private final Results results;
  private ProbedCluster compiled = new ProbedCluster();

  /** Hears what became of each probe, in order. */
  public interface Results {
    void compared(CaseReader.Step step, JsonNode document, Probe probe, Compared compared)
        throws IOException;

    /** What is no probe or no case, or whose policies the kernel did not take. */
    void failed(List<Map.Entry<String, JsonNode>> labels, JsonNode probe, String error)
        throws IOException;

    /** A state of a cluster is done. */
    void stepped() throws IOException;
  }

  /** What the compiled form says to a probe, and what packets did. */
  public record Compared(ProbeAnswer answer, Packets packets) {
    public boolean differs() {
      return packets instanceof Packets.Arrived(boolean arrived) && arrived != answer.allowed();
    }
  }

  /** What a line asks, in its order. */
  private sealed interface Question {
    /**
     * @param wired false if an end is a host endpoint, whose interface the network does not have
     */
    record Asked(JsonNode document, Probe probe, ProbeAnswer answer, Flow flow, boolean wired)
        implements Question {
      ProbePackets.Plan plan(PolicyNetwork network) {
        return wired
            ? ProbePackets.plan(flow, network)
            : new ProbePackets.Plan.Leave("nodes have no interfaces of host endpoints here");
      }
    }

    record Malformed(JsonNode document, String error) implements Question {}
  }

  private PacketCases(Results results) {
    this.results = results;
  }

  /**
   * @param notes hears what of the objects is left out
   * @return how many packets arrived after they were taken for lost: above 0, verdicts of this
   *     machine cannot be relied on
   */
  public static long run(InputStream in, Consumer<String> notes, Results results)
      throws IOException {
    try (PacketCases run = new PacketCases(results)) {
      CaseReader.read(
          in,
          notes,
          new CaseReader.Visitor() {
            @Override
            public void step(CaseReader.Step step) throws IOException {
              run.step(step);
            }

            @Override
            public void malformed(List<Map.Entry<String, JsonNode>> labels, String error)
                throws IOException {
              results.failed(labels, MissingNode.getInstance(), error);
            }
          });
      return run.prober.late();
    }
  }

  private void step(CaseReader.Step step) throws IOException {
    if (!step.goesOn()) {
      compiled = new ProbedCluster();
    }
    compiled.become(step.state());
    List<Question> questions = new ArrayList<>();
    Set<IpAddress> addresses = new HashSet<>();
    for (CaseReader.AskedProbe asked : step.probes()) {
      Question question = question(asked);
      questions.add(question);
      if (question instanceof Question.Asked(_, _, _, Flow flow, _)) {
        addresses.add(flow.source());
        addresses.add(flow.destination());
      }
    }
    try {
      network.become(step.state(), compiled.holders(), addresses);
    } catch (IllegalStateException | CompletionException e) {
      results.failed(
          step.labels(), MissingNode.getInstance(), step.where() + ": " + e.getMessage());
      return;
    }
    compare(step, questions);
    results.stepped();
  }

  private Question question(CaseReader.AskedProbe asked) {
    try {
      Probe probe = Probe.of(asked.document(), ends);
      return new Question.Asked(
          asked.document(),
          probe,
          compiled.answer(probe),
          compiled.flow(probe),
          !compiled.meetsHostEndpoint(probe));
    } catch (MalformedInputException e) {
      return new Question.Malformed(asked.document(), asked.where() + ": " + e.getMessage());
    }
  }

  private void compare(CaseReader.Step step, List<Question> questions) throws IOException {
    List<Attempt> attempts = new ArrayList<>();
    List<Optional<ProbePackets.Plan>> plans = new ArrayList<>();
    for (Question question : questions) {
      Optional<ProbePackets.Plan> plan =
          question instanceof Question.Asked asked
              ? Optional.of(asked.plan(network))
              : Optional.empty();
      plans.add(plan);
      if (plan.orElse(null) instanceof ProbePackets.Plan.Send(Attempt attempt)) {
        attempts.add(attempt);
      }
    }
    BitSet arrived = prober.arrivals(attempts);
    int sent = 0;
    for (int i = 0; i < questions.size(); i++) {
      switch (questions.get(i)) {
        case Question.Malformed(JsonNode document, String error) ->
            results.failed(step.labels(), document, error);
        case Question.Asked asked -> {
          Packets packets =
              switch (plans.get(i).orElseThrow()) {
                case ProbePackets.Plan.Send _ -> new Packets.Arrived(arrived.get(sent++));
                case ProbePackets.Plan.Leave(String why) -> new Packets.NotSent(why);
              };
          results.compared(
              step, asked.document(), asked.probe(), new Compared(asked.answer(), packets));
        }
      }
    }
  }

  @Override
  public void close() {
    prober.close();
    network.close();
  }
}
