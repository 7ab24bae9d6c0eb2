# What the operations of the add-on Deskferry have in common: who may use them, and how they fail.
package Kernel::GenericInterface::Operation::Deskferry::Common;

use strict;
use warnings;

use parent 'Kernel::GenericInterface::Operation::Common';

our $ObjectManagerDisabled = 1;

sub new {
    my ( $Type, %Param ) = @_;
    for my $Needed (qw(DebuggerObject WebserviceID)) {
        return { Success => 0, ErrorMessage => "Got no $Needed!" } if !$Param{$Needed};
    }
    return bless { DebuggerObject => $Param{DebuggerObject}, WebserviceID => $Param{WebserviceID} }, $Type;
}

# As Znuny's own operations answer: an error is a success with the key Error.
sub Run {
    my ( $Self, %Param ) = @_;
    my ( $UserID, $UserType ) = $Self->Auth(%Param);
    return $Self->ReturnError( ErrorCode => 'Deskferry.AuthFail', ErrorMessage => 'Authorization failing!' )
        if !$UserID || $UserType ne 'User';

    my $DeskferryObject = $Kernel::OM->Get('Kernel::System::Deskferry');
    return $Self->ReturnError(
        ErrorCode    => 'Deskferry.AccessDenied',
        ErrorMessage => 'The agent has no read and write permission in the group deskferry!',
    ) if !$DeskferryObject->MayUse( UserID => $UserID );

    my $Data = $Self->Perform( $DeskferryObject, $Param{Data}, $UserID );
    return $Self->ReturnError( ErrorCode => 'Deskferry.NothingThere', ErrorMessage => 'Nothing there, or refused!' )
        if !$Data;
    return { Success => 1, Data => $Data };
}

1;
