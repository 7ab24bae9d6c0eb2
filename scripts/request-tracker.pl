# Accounts, queue and tokens of a Request Tracker for tests; prints the tokens as JSON. See request-tracker.ts.
use strict;
use warnings;
use lib '/usr/local/share/request-tracker5/lib', '/usr/share/request-tracker5/lib';
use JSON;
use RT;
RT::LoadConfig();
RT::Init();

my %given = %{ JSON->new->utf8->decode( $ARGV[0] ) };
my $system = RT->SystemUser;

sub done {
    my ( $what, $ok, $message ) = @_;
    die "$what: $message\n" unless $ok;
    return $ok;
}

sub account {
    my ( $name, @more ) = @_;
    my $user = RT::User->new($system);
    my $email = "$name\@rt.test";
    done( "user $name",
        $user->Create( Name => $name, RealName => ucfirst $name, EmailAddress => $email, Privileged => 1, @more ) );
    return $user;
}

my $connector = account( $given{connector} );
my $group     = RT::Group->new($system);
$group->LoadUserDefinedGroup('Deskferry');
done( 'group Deskferry', $group->Id, 'initialdata was not loaded' );
done( 'membership', $group->AddMember( $connector->PrincipalId ) );

my $agent = account( $given{agent}, Password => $given{password} );
done( 'right of the agent', $agent->PrincipalObj->GrantRight( Right => 'SuperUser', Object => RT->System ) );

# As where customers write by mail: anybody may correspond.
my $everyone = RT::Group->new($system);
$everyone->LoadSystemInternalGroup('Everyone');
for my $right (qw(CreateTicket ReplyToTicket)) {
    done( $right, $everyone->PrincipalObj->GrantRight( Right => $right, Object => RT->System ) );
}
account( $given{customer}, Password => $given{password}, Privileged => 0 );

for my $name ( @{ $given{queues} } ) {
    my $queue = RT::Queue->new($system);
    done( "queue $name", $queue->Create( Name => $name, CorrespondAddress => 'queue@rt.test', CommentAddress => 'comment@rt.test' ) );
}

my %tokens;
for my $user ( $connector, $agent ) {
    my ( $ok, $message, $token ) = RT::AuthToken->new($system)->Create( Owner => $user->Id, Description => 'tests' );
    done( 'token', $ok, $message );
    $tokens{ $user->Name } = $token;
}
print JSON->new->utf8->encode( \%tokens ), "\n";
