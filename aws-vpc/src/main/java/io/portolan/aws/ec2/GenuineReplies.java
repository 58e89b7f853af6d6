package io.portolan.aws.ec2;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsResponse;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/**
 * Refuses a success that carries no request id: a proxy or captive portal that answers 200 to
 * everything would otherwise be read as "nothing exists".
 */
final class GenuineReplies implements ExecutionInterceptor {
  @Override
  public void afterUnmarshalling(
      Context.AfterUnmarshalling context, ExecutionAttributes attributes) {
    if (context.response() instanceof AwsResponse response) {
      @Nullable String requestId = response.responseMetadata().requestId();
      if (requestId == null || requestId.equals("UNKNOWN")) {
        throw new Ec2Mapping.Unreadable("the reply has no request id");
      }
    }
  }
}
