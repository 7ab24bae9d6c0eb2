# Whether all is set up for the connector.
package Kernel::GenericInterface::Operation::Deskferry::Check;

use strict;
use warnings;

use parent 'Kernel::GenericInterface::Operation::Deskferry::Common';

our $ObjectManagerDisabled = 1;

sub Perform {
    my ( $Self, $DeskferryObject, $Data, $UserID ) = @_;
    return $DeskferryObject->Check( Queue => $Data->{Queue} // '', UserID => $UserID );
}

1;
