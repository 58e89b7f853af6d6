package io.portolan.sim.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portolan.sim.config.ConfigException;
import io.portolan.sim.config.ConfigNode;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FaultPlanReaderTest {
  private static FaultPlan read(String text) {
    return FaultPlanReader.read(ConfigNode.parse("", text));
  }

  @Test
  void readsEveryKindOfFault() {
    FaultPlan plan =
        read(
            """
            seed: 7
            latency: 5ms..20ms
            rules:
              - {action: A, fault: lost-request}
              - {action: B, fault: lost-reply, probability: 0.5}
              - {action: C, fault: garbage, times: 2}
              - {action: D, fault: refuse, code: UnauthorizedOperation, status: 403, message: denied}
              - {action: "Describe*", fault: slow, delay: 2s}
            """);
    assertThat(plan)
        .isEqualTo(
            new FaultPlan(
                7,
                DelayRange.ofMillis(5, 20),
                List.of(
                    FaultRule.always("A", new Fault.LostRequest()),
                    FaultRule.sometimes("B", new Fault.LostReply(), 0.5),
                    new FaultRule("C", new Fault.Garbage(), 1, OptionalInt.of(2)),
                    FaultRule.always(
                        "D", new Fault.Refusal("UnauthorizedOperation", 403, "denied")),
                    FaultRule.always("Describe*", new Fault.Slow(DelayRange.parse("2s"))))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          sed: 7                                          | sed: is not a field; here are known: seed, latency, rules
          latency: quick                                  | latency: 'quick' is not a delay; write 250ms, 2s, 1m or a range such as 100ms..2s
          latency: 2s..1s                                 | latency: PT2S..PT1S: a delay is not negative and its bounds are in order
          rules: x                                        | rules: should be a list
          rules: [{fault: garbage}]                       | rules[0].action: is missing
          rules: [{action: A, fault: fire}]               | rules[0].fault: is none of lost-request, lost-reply, garbage, refuse, slow
          rules: [{action: A, fault: garbage, probability: 2}] | rules[0].probability: is 2.0; above 0 and at most 1
          rules: [{action: A, fault: refuse}]             | rules[0].code: is missing
          rules: [{action: A, fault: refuse, code: X, status: 200}] | rules[0].status: is 200; allowed are 400 to 599
          """)
  void namesTheFieldThatIsWrong(String text, String complaint) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(ConfigException.class).hasMessage(complaint);
  }

  @Test
  void theSamePlanGivesTheSameFaults() {
    FaultPlan plan = FaultPlan.of(3, FaultRule.sometimes("*", new Fault.LostReply(), 0.3));
    assertThat(hits(plan)).isEqualTo(hits(plan)).contains(true, false);
  }

  @Test
  void aRuleIsSpentAfterItsTimes() {
    FaultInjector injector =
        new FaultInjector(FaultPlan.of(0, FaultRule.once("Create*", new Fault.Garbage())));
    assertThat(injector.next("Describe")).isEmpty();
    assertThat(injector.next("CreateVpc")).isPresent();
    assertThat(injector.next("CreateVpc")).isEmpty();
  }

  private static List<Boolean> hits(FaultPlan plan) {
    FaultInjector injector = new FaultInjector(plan);
    return IntStream.range(0, 50).mapToObj(_ -> injector.next("X").isPresent()).toList();
  }
}
