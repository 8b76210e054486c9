package io.tidemark.api;

import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.smallrye.mutiny.Uni;
import io.tidemark.access.Access;
import io.tidemark.access.Holder;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.Set;

/** Bearer tokens (RFC 6750). */
@Singleton
public final class TokenAuthentication implements HttpAuthenticationMechanism {

    static final String CHALLENGE = "Bearer realm=\"tidemark\"";

    private static final String SCHEME = "Bearer ";

    private final Access access;

    public TokenAuthentication(Access access) {
        this.access = access;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext request, IdentityProviderManager providers) {
        Optional<String> header = Optional.ofNullable(request.request().getHeader(HttpHeaders.AUTHORIZATION));
        Optional<String> token = header.filter(said -> said.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
                .map(said -> said.substring(SCHEME.length()).strip());
        Optional<Holder> holder = access.holder(token);
        if (holder.isPresent()) {
            return Uni.createFrom().item(identity(holder.get()));
        }
        return header.isPresent()
                ? Uni.createFrom().failure(new AuthenticationFailedException("nobody holds this token"))
                : Uni.createFrom().nullItem();
    }

    @Override
    public Uni<ChallengeData> getChallenge(RoutingContext request) {
        return Uni.createFrom().item(new ChallengeData(401, "WWW-Authenticate", CHALLENGE));
    }

    @Override
    public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
        return Set.of();
    }

    /** Who somebody is that holds a token. */
    public static SecurityIdentity identity(Holder holder) {
        return QuarkusSecurityIdentity.builder()
                .setPrincipal(new QuarkusPrincipal(holder.name()))
                .addRoles(holder.role().labels())
                .addAttribute(Audit.ROLE, holder.role().label())
                .build();
    }
}
