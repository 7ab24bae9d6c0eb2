# Tells Deskferry of one change, signed. Bound to the events ArticleCreate and TicketStateUpdate by the web service.
package Kernel::GenericInterface::Invoker::Deskferry::Change;

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_hex);

our $ObjectManagerDisabled = 1;

sub new {
    my ( $Type, %Param ) = @_;
    return { Success => 0, ErrorMessage => 'Got no DebuggerObject!' } if !$Param{DebuggerObject};
    return bless { DebuggerObject => $Param{DebuggerObject} }, $Type;
}

# Ticket::Generic would send the whole ticket with all its articles, internal ones too, at every change.
sub PrepareRequest {
    my ( $Self, %Param ) = @_;
    my $Event  = $Param{Data};
    my $Secret = $Kernel::OM->Get('Kernel::Config')->Get('Deskferry::WebhookSecret');
    my $Change = $Secret && $Kernel::OM->Get('Kernel::System::Deskferry')->ChangeOfEvent(
        TicketID  => $Event->{TicketID},
        ArticleID => ( $Event->{Event} // '' ) eq 'ArticleCreate' ? $Event->{ArticleID} : undef,
        OldState  => ref $Event->{OldTicketData} ? $Event->{OldTicketData}->{State} : undef,
    );
    return { Success => 1, StopCommunication => 1 } if !$Change;

    # The transport writes the JSON; with a single text in it, it can only be written in one way, and be signed before.
    my $JSONObject = $Kernel::OM->Get('Kernel::System::JSON');
    my %Body       = ( Payload => $JSONObject->Encode( Data => { Version => 1, Change => $Change } ) );
    my $Bytes      = $JSONObject->Encode( Data => \%Body );
    $Kernel::OM->Get('Kernel::System::Encode')->EncodeOutput( \$Bytes );
    my $Time = $Kernel::OM->Create('Kernel::System::DateTime')->ToEpoch();

    return {
        Success => 1,
        Data    => {
            %Body,
            __RequestHeadersAppend => {
                'X-Deskferry-Timestamp' => $Time,
                'X-Deskferry-Signature' => 'sha256=' . hmac_sha256_hex( "$Time.$Bytes", $Secret ),
            },
        },
    };
}

# Deskferry's answer says nothing that Znuny would need. A failed one is in Znuny's log; polling finds what was missed.
sub HandleResponse {
    my ( $Self, %Param ) = @_;
    return { Success => 1, Data => {} } if $Param{ResponseSuccess};
    return { Success => 0, ErrorMessage => $Param{ResponseErrorMessage} || 'Deskferry did not answer' };
}

1;
