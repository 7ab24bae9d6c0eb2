# Customer users, which Znuny itself does not let web services write.
package Kernel::GenericInterface::Operation::Deskferry::ContactSave;

use strict;
use warnings;

use parent 'Kernel::GenericInterface::Operation::Deskferry::Common';

our $ObjectManagerDisabled = 1;

sub Perform {
    my ( $Self, $DeskferryObject, $Data, $UserID ) = @_;
    return if ref $Data->{Contact} ne 'HASH' || !$Data->{Contact}->{UserLogin};
    my $Contact = $DeskferryObject->ContactSave( Contact => $Data->{Contact}, UserID => $UserID );
    return if !$Contact;
    return { Contact => $Contact };
}

1;
