package io.portolan.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.cloud.InstanceId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AwsProviderIdTest {
  @Test
  void findsTheInstanceWithAndWithoutZone() {
    InstanceId instance = new InstanceId("i-0123456789abcdef0");
    assertThat(AwsProviderId.instance("aws:///eu-central-1a/i-0123456789abcdef0"))
        .contains(instance);
    assertThat(AwsProviderId.instance("aws:////i-0123456789abcdef0")).contains(instance);
    assertThat(AwsProviderId.instance("aws:///i-0123456789abcdef0")).contains(instance);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "i-0123456789abcdef0",
        "aws:///us-west-2c/8b2e-fargate-ip-10-0-1-2",
        "gce://project/zone/i-0123456789abcdef0",
        "aws:///eu-central-1a/i-0123456789abcdef0/more",
        "aws:///eu-central-1a/i-../../secret"
      })
  void whatIsNoInstanceHasNone(String providerId) {
    assertThat(AwsProviderId.instance(providerId)).isEmpty();
  }
}
